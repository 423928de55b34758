"""From prompts to responses: requests, the HTTP door to model servers, the embedded server, recorded responses."""
