"""Joins of the facts of several sections: what ties processes, timers and containers together."""
