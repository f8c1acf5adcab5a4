"""Kills, broken inputs and hostile servers with seeds (`make campaign`): what the product does, counted."""
