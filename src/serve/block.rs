//! What a team pastes into its app.

/// The plugin's part of `capacitor.config`, for a server at that URL.
///
/// `channelUrl` is empty on purpose: left out, the plugin would call its vendor's server.
pub fn plugin_block(base: &str) -> String {
    format!(
        "plugins: {{\n  CapacitorUpdater: {{\n    autoUpdate: true,\n    updateUrl: '{base}/updates',\n    \
         statsUrl: '{base}/stats',\n    channelUrl: '',\n    responseTimeout: 120,\n  }},\n}},\n"
    )
}
