//! Why a device gets what it gets: the channel, each release with the rule and the place that decided, the answer.

mod told;

use std::io::{self, Write};

use serde::Serialize;
use serde_json::value::RawValue;

use super::time;
use crate::protocol::answer::{answer, device_of};
use crate::protocol::check::Check;
use crate::release::explain::{Explanation, explain};
use crate::release::table::Table;
use crate::release::time::Timestamp;
use crate::repository::places::{Places, Sources};
use crate::repository::read_error::ReadError;
use crate::repository::reader::Reader;
pub use told::{Channel, KeptFiles, PassedOver, Release, Rule, Runs, Told};

/// The document of `pushlive explain --json` and of `/api/explain`.
#[derive(Serialize)]
pub struct Document<'a> {
    /// The commit of the table.
    pub commit: &'a str,
    /// The clock that it was decided by.
    pub time: String,
    /// Where it is not what the daemon went by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// What is read from an older commit than the newest, for a fault of that one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub kept: Vec<KeptFiles>,
    /// The channel and the releases.
    #[serde(flatten)]
    pub told: Told<'a>,
    /// The very body that the device gets.
    pub answer: Box<RawValue>,
}

/// What explanations are made from.
#[derive(Clone, Copy)]
pub struct Served<'t> {
    /// The table that decides.
    pub table: &'t Table,
    /// The files that it was read from.
    pub sources: &'t Sources,
    /// What URLs in answers start with, without a slash at its end.
    pub base: &'t str,
}

impl<'t> Served<'t> {
    /// Explains what a check is answered at a time, as the core has it and as a document.
    ///
    /// # Errors
    /// A file of the repository cannot be read.
    pub fn explain(
        &self,
        reader: &Reader,
        check: &'t Check<'_>,
        now: Timestamp,
    ) -> Result<(Explanation<'t>, Document<'t>), ReadError> {
        let explanation = explain(self.table, &device_of(check), now);
        let body = answer(Some(self.table), check, ["", self.base], now);
        let objects = reader.objects()?;
        let mut places = Places::new(&objects, &check.app_id, self.sources.of(&check.app_id));
        let unserved = match explanation.channel {
            Some(_) => None,
            None => self.sources.unserved(&objects, &check.app_id)?,
        };
        let told = Told::new(&explanation, unserved, &mut places)?;
        let of_app = places.sources().kept().map(|kept| KeptFiles::of(Some(&check.app_id), kept));
        let kept = self.sources.kept().map(|kept| KeptFiles::of(None, kept)).into_iter().chain(of_app).collect();
        // an answer is JSON by itself; anything else would be a fault that the reader should see
        let answer = RawValue::from_string(String::from_utf8_lossy(&body).into_owned()).unwrap_or_default();
        let time = time::shown(now);
        Ok((explanation, Document { commit: &self.table.commit, time, note: None, kept, told, answer }))
    }
}

impl Document<'_> {
    /// Writes it, and the end of a line.
    ///
    /// # Errors
    /// What the output says.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        serde_json::to_writer(&mut *out, self)?;
        writeln!(out)
    }
}
