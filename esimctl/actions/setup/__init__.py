"""The profile itself and its surroundings: profiles, backups, doctor, second factor, the embedded operator's levers."""
