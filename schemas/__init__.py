"""What a record is: tables, row rules, keys, ids, outcomes, recipes, the Model protocol. Pure."""
