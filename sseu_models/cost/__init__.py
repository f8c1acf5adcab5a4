"""What a run costs before it is started: requests, tokens, money, and hours by its first answers."""
