"""No rows of its own yet: the lake comes with the backtest."""
