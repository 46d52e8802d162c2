//! Events of devices: read, counted, answered at once. Never a 5xx, which plugins answer with a request each second.

use hyper::body::Incoming;

use super::answer::{self, Answer};
use super::connection::Connection;
use super::intake;
use crate::protocol::stats;
use crate::telemetry;

/// Bytes that a batch may have.
const LIMIT: usize = 1024 * 1024;

/// Takes one event or an array of them; whatever is JSON is fine.
pub(super) async fn post(connection: &Connection, body: Incoming) -> Answer {
    let body = match intake::read(body, LIMIT, connection.limits.body_read, &connection.reads_body).await {
        Ok(body) => body,
        Err(refused) => return refused.answer(),
    };
    match stats::read(&body) {
        Ok(events) => {
            count(connection, &events);
            answer::ok()
        }
        Err(unreadable) => answer::bad_request(unreadable),
    }
}

fn count(connection: &Connection, events: &[stats::Event<'_>]) {
    let table = connection.state.live().table.clone();
    let events = events.iter().map(|event| telemetry::Event {
        app: &event.app_id,
        device: &event.device_id,
        channel: &event.default_channel,
        version: &event.version_name,
        platform: &event.platform,
        action: &event.action,
        plugin: &event.plugin_version,
    });
    connection.state.events().record(table.as_deref(), events);
}
