"""What both teams agreed on, in plain sentences; new versions, and signing them."""
