"""The stack of docker-compose.yml as plain processes: `make up`, `make down`."""
