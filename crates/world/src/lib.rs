//! Services, stores, clients, crashes and faults around the broker models: the simulated world.
