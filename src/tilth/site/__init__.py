"""Where the building stands: settings, addresses, the `tilth` command."""
