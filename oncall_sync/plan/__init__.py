"""Pure decisions: ownership marks, differences, the plan and its file."""
