"""How vehicles move through a gate: a speed for every place, slow where the plate is read."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from training.scenes.camera import Points
from training.scenes.pen import Placement

STEP_S = 1 / 240


@dataclass(frozen=True)
class Lane:
    """A lane along z at `x_m`; `towards` the camera or away from it.

    Vehicles come from `far_m`, slow down to `gate_speed` (m/s) within `slow_reach_m` of `gate_z_m`,
    and drive at `road_speed` elsewhere. Every vehicle has the same speed at the same place, so none
    runs into another.
    """

    x_m: float
    towards: bool
    gate_z_m: float
    road_speed: float = 9.0
    gate_speed: float = 1.8
    slow_reach_m: float = 5.0
    far_m: float = 38.0

    def travel(self) -> Points:
        """Return the z (N,) of a vehicle's middle at multiples of `STEP_S` after it enters."""
        z = self.far_m if self.towards else -8.0
        sign = -1.0 if self.towards else 1.0
        places = [z]
        while -9.0 < z < self.far_m + 0.1 and len(places) < 240 * 60:
            off = abs(z - self.gate_z_m) / self.slow_reach_m
            speed = self.gate_speed + (self.road_speed - self.gate_speed) * min(1.0, off) ** 1.5
            z += sign * speed * STEP_S
            places.append(z)
        return np.asarray(places)

    def yaw_rad(self) -> float:
        """Return the heading of the lane's vehicles."""
        return np.pi if self.towards else 0.0


def drive(
    lane: Lane, enters_s: float, sway_m: float, places: Points, time_s: float
) -> Placement | None:
    """Return where the vehicle that enters at `enters_s` is, or None if not on the lane."""
    step = (time_s - enters_s) / STEP_S
    if not 0 <= step < len(places) - 1:
        return None
    z = float(np.interp(step, np.arange(len(places)), places))
    return Placement((lane.x_m + sway_m, 0.0, z), lane.yaw_rad())
