"""What a response must do: verifiable constraints with their checks, soft ones, extraction, attachment."""
