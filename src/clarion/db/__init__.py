"""How the rooms reach PostgreSQL: pool, transactions as somebody, migrations, embedded server."""
