"""Doubles of real vendors: their wire formats over HTTP on loopback, behind them the embedded operator.

`python -m tests.vendors airalo --port 8080` starts one. The suite, the fault harness and the vendors' own SDKs buy from
them, and so does whoever writes an adapter.
"""
