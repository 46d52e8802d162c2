//! What plugins report.

/// Every action that some version of the plugin sends, sorted.
const KNOWN: [&str; 68] = [
    "app_anr",
    "app_crash",
    "app_crash_native",
    "app_initialization_failure",
    "app_killed_excessive_resource_usage",
    "app_killed_low_memory",
    "app_launch_ready",
    "app_launch_start",
    "app_launch_timeout",
    "app_memory_warning",
    "app_moved_to_background",
    "app_moved_to_foreground",
    "backend_refusal",
    "blocked_by_server_url",
    "canonical_path_fail",
    "checksum_fail",
    "checksum_required",
    "decrypt_fail",
    "delete",
    "directory_path_fail",
    "download_0",
    "download_10",
    "download_20",
    "download_30",
    "download_40",
    "download_50",
    "download_60",
    "download_70",
    "download_80",
    "download_90",
    "download_complete",
    "download_fail",
    "download_manifest_brotli_fail",
    "download_manifest_checksum_fail",
    "download_manifest_complete",
    "download_manifest_file_fail",
    "download_manifest_start",
    "download_zip_complete",
    "download_zip_start",
    "fail_update",
    "finish_download_fail",
    "insufficient_disk_space",
    "invalid_signature",
    "low_mem_fail",
    "manifest_path_fail",
    "native_app_version_changed",
    "os_version_changed",
    "rate_limit_reached",
    "reset",
    "revert",
    "session_key_required",
    "set",
    "set_fail",
    "set_next",
    "signature_not_provided",
    "signature_validation_failed",
    "unzip_fail",
    "update_fail",
    "webview_content_process_terminated",
    "webview_dom_content_loaded",
    "webview_javascript_error",
    "webview_page_loaded",
    "webview_render_process_gone",
    "webview_resource_error",
    "webview_security_policy_violation",
    "webview_unclean_restart",
    "webview_unhandled_rejection",
    "windows_path_fail",
];

/// The action of that name, if some plugin sends it.
pub fn known(name: &str) -> Option<&'static str> {
    KNOWN.binary_search(&name).ok().map(|index| KNOWN[index])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_and_each_is_found() {
        assert!(KNOWN.is_sorted());
        assert!(KNOWN.iter().all(|action| known(action) == Some(action)));
        assert_eq!(known("made_up"), None);
    }
}
