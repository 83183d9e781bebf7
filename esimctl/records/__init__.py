"""Lists, exports, imports, receipts, the audit, the report, and what monitors read."""
