"""What an audit says of live accounts: who can be paged, by what and how fast, and who cannot. Pure."""
