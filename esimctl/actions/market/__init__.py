"""What can be bought and under which rules: plans, promotions, policy claims, devices."""
