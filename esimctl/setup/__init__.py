"""Providers, payments, profiles, backups, budgets, schedules, and the doctor."""
