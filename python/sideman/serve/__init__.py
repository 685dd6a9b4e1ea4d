"""The server: Sessions on one side, the protocol of docs/protocol.md on the other."""
