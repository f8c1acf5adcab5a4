"""Any corpus by table: speech and backgrounds that a user describes in tab-separated text."""
