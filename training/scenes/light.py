"""The light of a scene and how it falls on a face."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from training.scenes.camera import Points
from training.scenes.layer import Colour, Image

LAMP_REACH_M = 9.0
# Closer than this the lamp, which is mounted high, no longer shines on what passes under it.
LAMP_NEAREST_M = 5.0


@dataclass(frozen=True)
class Light:
    """Ambient and directed light as BGR factors; `towards_sun` is a unit vector.

    `lamp` is the strength of a light beside the camera, as gates have at night. `night` switches
    the vehicles' lights on.
    """

    ambient: tuple[float, float, float]
    sun: tuple[float, float, float]
    towards_sun: tuple[float, float, float]
    sky: tuple[float, float, float]
    lamp: float = 0.0
    night: bool = False

    @property
    def has_shadows(self) -> bool:
        """Whether the sun is strong enough to cast shadows."""
        return max(self.sun) > 0.25

    def factors(self, normal: Points, distance_m: float = LAMP_REACH_M) -> Points:
        """Return how much of each channel (3,) a face with this unit `normal` sends back."""
        facing = max(0.0, float(np.dot(normal, self.towards_sun)))
        upward = 0.75 + 0.25 * float(normal[1])
        near_m = max(distance_m, LAMP_NEAREST_M)
        lamp = self.lamp / (0.35 + (near_m / LAMP_REACH_M) ** 2)
        return np.asarray(self.ambient) * upward + np.asarray(self.sun) * facing + lamp

    def shade(
        self, colour: Colour, normal: Points, distance_m: float, gloss: float = 0.0
    ) -> Colour:
        """Return `colour` (BGR, 0..255) as lit; `gloss` mixes in the sky on faces that look up."""
        lit = np.asarray(colour) * self.factors(normal, distance_m)
        mirror = gloss * max(0.0, float(normal[1])) ** 2
        lit = lit * (1 - 0.5 * mirror) + np.asarray(self.sky) * mirror
        return (float(lit[0]), float(lit[1]), float(lit[2]))

    def shade_image(self, image: Image, normal: Points, distance_m: float) -> Image:
        """Return `image` (H, W, 3) as lit."""
        lit = image * self.factors(normal, distance_m).astype(np.float32)
        return np.asarray(np.clip(lit, 0, 255), np.uint8)


def random_daylight(rng: np.random.Generator) -> Light:
    """Return sun, haze or an overcast sky."""
    azimuth, height = rng.uniform(0, 2 * np.pi), rng.uniform(0.5, 1.2)
    sun_at = (np.cos(azimuth) * np.cos(height), np.sin(height), np.sin(azimuth) * np.cos(height))
    sun = rng.choice([0.0, 0.15, 0.6, 0.75])
    base = rng.uniform(0.95, 1.2) - 0.45 * sun
    warm = rng.uniform(-0.04, 0.05)
    return Light(
        ambient=(base + 0.03, base, base - 0.02),
        sun=(sun * (0.92 - warm), sun, sun * (1.02 + warm)),
        towards_sun=(float(sun_at[0]), float(sun_at[1]), float(sun_at[2])),
        sky=(240, 228, 214) if sun > 0.3 else (215, 212, 206),
    )


def random_dusk(rng: np.random.Generator) -> Light:
    """Return the light of a low sun or of early evening."""
    base = rng.uniform(0.42, 0.58)
    return Light(
        (base * 1.05, base, base * 1.02),
        (0.08, 0.13, 0.2),
        (0.8, 0.3, -0.52),
        (150, 130, 150),
        lamp=rng.uniform(0.05, 0.15),
        night=bool(rng.random() < 0.7),
    )


def random_night(rng: np.random.Generator) -> Light:
    """Return darkness with a street lamp's rest light and the gate's own lamp."""
    base = rng.uniform(0.14, 0.26)
    return Light(
        (base * 1.2, base, base * 0.92),
        (0.03, 0.05, 0.07),
        (0.1, 0.97, 0.2),
        (60, 48, 40),
        lamp=rng.uniform(0.22, 0.4),
        night=True,
    )


def random_hall_light(rng: np.random.Generator) -> Light:
    """Return the lamps of a warehouse, bright or dim, cold or warm."""
    base = rng.uniform(0.55, 0.95)
    warm = rng.uniform(-0.06, 0.06)
    azimuth = rng.uniform(0, 2 * np.pi)
    lamp = rng.uniform(0.15, 0.3)
    return Light(
        (base - warm, base, base + warm),
        (lamp, lamp, lamp),
        (0.4 * float(np.cos(azimuth)), 0.917, 0.4 * float(np.sin(azimuth))),
        (225, 225, 225),
    )
