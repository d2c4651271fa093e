"""The ground that every vendor's sandbox stands on: a server, its controls, faults, a clock, a store.

It knows no vendor, no adapter and nothing of the core. A vendor's sandbox subclasses `app.Sandbox` and serves it
with `running`. Importing this costs nothing; starlette and uvicorn are loaded when a server starts.
"""
