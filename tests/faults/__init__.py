"""The whole product while the power, the network, the disk or the database is taken away."""
