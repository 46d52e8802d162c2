//! Every setting by its name, as written: the one list of what can be set.

use clap::Args;
use serde::Deserialize;

use super::given::Given;

/// What was given of each setting. A field's name is the key in `pushlive.toml`; its flag and its variable follow.
#[derive(Args, Clone, Debug, Default, Deserialize)]
#[serde(default)]
#[command(next_help_heading = "Settings (flag, variable, or the same name in pushlive.toml)")]
pub struct Raw {
    /// Address of the public listener; port 0 picks a free one and the log says which [default: 127.0.0.1:8080]
    #[arg(long, env = "PUSHLIVE_LISTEN", value_name = "ADDRESS:PORT")]
    pub listen: Option<Given>,

    /// Address of the operator's listener, or `off` [default: 127.0.0.1:8081]
    #[arg(long, env = "PUSHLIVE_OPERATOR_LISTEN", value_name = "ADDRESS:PORT")]
    pub operator_listen: Option<Given>,

    /// What the operator's listener asks for; required where it is not loopback
    #[arg(long, env = "PUSHLIVE_OPERATOR_TOKEN", value_name = "TOKEN", hide_env_values = true)]
    pub operator_token: Option<Given>,

    /// Base of the URLs in answers [default: from the request]
    #[arg(long, env = "PUSHLIVE_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<Given>,

    /// Base of the URLs of bundles and files, for a CDN in front [default: the public URL]
    #[arg(long, env = "PUSHLIVE_ARTEFACT_URL", value_name = "URL")]
    pub artefact_url: Option<Given>,

    /// Whose X-Forwarded-Proto, -Host and -For are believed, or `none` [default: 127.0.0.0/8, ::1]
    #[arg(long, env = "PUSHLIVE_TRUSTED_PROXIES", value_name = "NETWORK,…")]
    pub trusted_proxies: Option<Given>,

    /// The branch that is read [default: main]
    #[arg(long, env = "PUSHLIVE_BRANCH", value_name = "NAME")]
    pub branch: Option<Given>,

    /// What the push hook lets pass: bundle-changed, bundle-removed, tag-moved, branch-rewritten [default: none of them]
    #[arg(long, env = "PUSHLIVE_ALLOW", value_name = "RULE,…")]
    pub allow: Option<Given>,

    /// Files with who may sign tags
    #[arg(long, env = "PUSHLIVE_ALLOWED_SIGNERS", value_name = "FILE,…")]
    pub allowed_signers: Option<Given>,

    /// The URL that a mirror fetches from
    #[arg(long, env = "PUSHLIVE_UPSTREAM", value_name = "URL")]
    pub upstream: Option<Given>,

    /// How often refs are compared even without an event [default: 10s]
    #[arg(long, env = "PUSHLIVE_POLL", value_name = "DURATION")]
    pub poll: Option<Given>,

    /// Where state and the artefact store lie [default: pushlive in the git directory]
    #[arg(long, env = "PUSHLIVE_DATA", value_name = "DIR")]
    pub data: Option<Given>,

    /// The largest zip [default: 512 MiB]
    #[arg(long, env = "PUSHLIVE_MAX_BUNDLE", value_name = "SIZE")]
    pub max_bundle: Option<Given>,

    /// The most entries of a zip [default: 20,000]
    #[arg(long, env = "PUSHLIVE_MAX_ENTRIES", value_name = "NUMBER")]
    pub max_entries: Option<Given>,

    /// The largest sum of a zip's unpacked files [default: 2 GiB]
    #[arg(long, env = "PUSHLIVE_MAX_UNPACKED", value_name = "SIZE")]
    pub max_unpacked: Option<Given>,

    /// The most connections at one time [default: 10,000]
    #[arg(long, env = "PUSHLIVE_MAX_CONNECTIONS", value_name = "NUMBER")]
    pub max_connections: Option<Given>,

    /// How long running downloads may take to finish after a stop [default: 30s]
    #[arg(long, env = "PUSHLIVE_SHUTDOWN_GRACE", value_name = "DURATION")]
    pub shutdown_grace: Option<Given>,

    /// What is logged: error, warn, info, debug, trace, or off [default: info]
    #[arg(long, env = "PUSHLIVE_LOG", value_name = "LEVEL")]
    pub log: Option<Given>,

    /// text or json [default: text on a terminal, json elsewhere]
    #[arg(long, env = "PUSHLIVE_LOG_FORMAT", value_name = "FORMAT")]
    pub log_format: Option<Given>,
}

impl Raw {
    /// What was given here, and from `below` where nothing was.
    #[must_use]
    pub(super) fn or(self, below: Raw) -> Raw {
        Raw {
            listen: over(self.listen, below.listen),
            operator_listen: over(self.operator_listen, below.operator_listen),
            operator_token: over(self.operator_token, below.operator_token),
            public_url: over(self.public_url, below.public_url),
            artefact_url: over(self.artefact_url, below.artefact_url),
            trusted_proxies: over(self.trusted_proxies, below.trusted_proxies),
            branch: over(self.branch, below.branch),
            allow: over(self.allow, below.allow),
            allowed_signers: over(self.allowed_signers, below.allowed_signers),
            upstream: over(self.upstream, below.upstream),
            poll: over(self.poll, below.poll),
            data: over(self.data, below.data),
            max_bundle: over(self.max_bundle, below.max_bundle),
            max_entries: over(self.max_entries, below.max_entries),
            max_unpacked: over(self.max_unpacked, below.max_unpacked),
            max_connections: over(self.max_connections, below.max_connections),
            shutdown_grace: over(self.shutdown_grace, below.shutdown_grace),
            log: over(self.log, below.log),
            log_format: over(self.log_format, below.log_format),
        }
    }

    /// The names of all settings, as in `pushlive.toml`.
    pub(super) fn names() -> Vec<String> {
        let command = Raw::augment_args(clap::Command::new("settings"));
        command.get_arguments().map(|arg| arg.get_id().to_string()).collect()
    }
}

fn over(above: Option<Given>, below: Option<Given>) -> Option<Given> {
    above.filter(|given| !given.is_unset()).or(below)
}
