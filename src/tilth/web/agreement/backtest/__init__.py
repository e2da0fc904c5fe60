"""A draft replayed over our own history, beside the running version: figures, people behind them, other thresholds."""
