//! "Why does this device get what it gets?", as a check of it.

use std::borrow::Cow;

use hyper::StatusCode;

use crate::http::answer::{self, Answer};
use crate::http::live::{Live, Report};
use crate::protocol::check::{Check, Description, read_description};
use crate::release::table::Table;
use crate::release::time::Timestamp;

/// Explains what the device that a body describes gets. Without an app id it is one of the only app.
pub(super) fn explain(report: &dyn Report, live: &Live, body: &[u8], now: Timestamp) -> Answer {
    let Description { check, has_app_id } = match read_description(body) {
        Ok(description) => description,
        Err(unreadable) => return answer::bad_request(unreadable),
    };
    if check.platform.is_empty() {
        let message = "platform says what the device runs: ios, android or electron";
        return answer::error(StatusCode::BAD_REQUEST, "missing_platform", message);
    }
    let Some(table) = live.table.as_deref() else {
        let message = "nothing is served, so there is nothing to explain by";
        return answer::error(StatusCode::SERVICE_UNAVAILABLE, "not_ready", message);
    };
    match of_an_app(check, has_app_id, table) {
        Ok(check) => match report.explain(table, &check, now) {
            Ok(document) => answer::json_bytes(StatusCode::OK, document.into()),
            Err(why) => answer::error(StatusCode::INTERNAL_SERVER_ERROR, "repository_unreadable", &why),
        },
        Err(message) => answer::error(StatusCode::BAD_REQUEST, "missing_app_id", &message),
    }
}

/// An app id that is there but empty is that of no app, as it is to a check.
fn of_an_app<'a>(check: Check<'a>, has_app_id: bool, table: &'a Table) -> Result<Check<'a>, String> {
    if has_app_id {
        return Ok(check);
    }
    match table.only_app() {
        Ok(only) => Ok(Check { app_id: Cow::Borrowed(only), ..check }),
        Err(ids) if ids.is_empty() => Err("no app is served: name the one that is meant as app_id".to_owned()),
        Err(ids) => Err(format!("the repository has {} apps, name one as app_id: {}", ids.len(), ids.join(", "))),
    }
}
