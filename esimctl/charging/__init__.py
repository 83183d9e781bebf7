"""Pure arithmetic of data and money: no file, no clock, no network, nothing else of ours."""
