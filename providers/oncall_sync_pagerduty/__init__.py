"""PagerDuty, behind the protocol of `oncall_sync.provider`."""
