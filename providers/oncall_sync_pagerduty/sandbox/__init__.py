"""A local server that speaks PagerDuty. Shares no code with the adapter or the core."""
