//! pushlive: a git-backed release daemon for live updates of Capacitor apps.
//!
//! Two flows meet in one published value. The slow one reads: a push changes refs, [`watch`] says "look again",
//! [`repository`] reads objects by id and follows the line of the branch, [`store`] keeps the bytes, and out comes a
//! table. The fast one answers: [`http`] takes a request, [`protocol`] knows what each version of the plugin means by it,
//! [`release`] decides from the table, without a lock. [`serve`] wires both and publishes each new table with one swap.
//! What an operator reads of it, at a terminal or from the daemon, is made in [`documents`].

pub mod cli;
pub mod documents;
pub mod http;
pub mod protocol;
pub mod release;
pub mod repository;
pub mod serve;
pub mod settings;
pub mod store;
pub mod telemetry;
pub mod watch;
