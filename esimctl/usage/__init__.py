"""What a line holds: readings, balance, history, forecast, and what a person records by hand."""
