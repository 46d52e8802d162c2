//! Journeys: what people and devices do with pushlive, with real git, the real binary and real sockets.

mod world;

mod arrows;
mod check;
mod columns;
mod crash;
mod electron;
mod explain;
mod explained;
mod half;
mod hints;
mod hooks;
mod hosted;
mod intruders;
mod line;
mod live;
mod log;
mod mends;
mod mishaps;
mod moments;
mod newcomer;
mod operator;
mod own_settings;
mod pack;
mod plan;
mod refusals;
mod release;
mod reports;
mod rollout;
mod settings;
mod staged;
mod status;
mod stop;
mod terminal;
mod vectors;
mod watching;
