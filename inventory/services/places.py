"""Where countries are: rough centroids, to tell which warehouse is nearer to a customer.

Degrees of latitude and longitude, rounded to half a degree; good enough to rank warehouses.
"""

from __future__ import annotations

from math import asin, cos, radians, sin, sqrt

EARTH_RADIUS_KM = 6371.0

CENTROIDS: dict[str, tuple[float, float]] = {
    "AD": (42.5, 1.5), "AE": (24, 54), "AL": (41, 20), "AM": (40, 45), "AR": (-34, -64),
    "AT": (47.5, 14.5), "AU": (-25, 134), "AZ": (40.5, 47.5), "BA": (44, 18), "BD": (24, 90),
    "BE": (50.5, 4.5), "BG": (42.5, 25.5), "BH": (26, 50.5), "BO": (-17, -65), "BR": (-10, -55),
    "BY": (53, 28), "CA": (60, -95), "CH": (47, 8), "CL": (-30, -71), "CN": (35, 105),
    "CO": (4, -72), "CR": (10, -84), "CY": (35, 33), "CZ": (49.5, 15.5), "DE": (51, 10),
    "DK": (56, 10), "DO": (19, -70.5), "DZ": (28, 3), "EC": (-2, -77.5), "EE": (59, 26),
    "EG": (27, 30), "ES": (40, -4), "ET": (8, 38), "FI": (64, 26), "FR": (46, 2),
    "GB": (54, -2), "GE": (42, 43.5), "GH": (8, -2), "GR": (39, 22), "GT": (15.5, -90),
    "HK": (22.5, 114), "HN": (15, -86.5), "HR": (45, 15.5), "HU": (47, 20), "ID": (-5, 120),
    "IE": (53, -8), "IL": (31.5, 35), "IN": (20, 77), "IQ": (33, 44), "IR": (32, 53),
    "IS": (65, -18), "IT": (43, 12.5), "JM": (18, -77.5), "JO": (31, 36), "JP": (36, 138),
    "KE": (1, 38), "KR": (37, 127.5), "KW": (29.5, 47.5), "KZ": (48, 68), "LB": (34, 36),
    "LI": (47, 9.5), "LK": (7, 81), "LT": (56, 24), "LU": (50, 6), "LV": (57, 25),
    "MA": (32, -5), "MC": (43.5, 7.5), "MD": (47, 29), "ME": (42.5, 19.5), "MK": (41.5, 21.5),
    "MT": (36, 14.5), "MX": (23, -102), "MY": (2.5, 112.5), "NG": (10, 8), "NI": (13, -85),
    "NL": (52.5, 5.5), "NO": (62, 10), "NP": (28, 84), "NZ": (-41, 174), "OM": (21, 57),
    "PA": (9, -80), "PE": (-10, -76), "PH": (13, 122), "PK": (30, 70), "PL": (52, 20),
    "PR": (18, -66.5), "PT": (39.5, -8), "PY": (-23, -58), "QA": (25.5, 51), "RO": (46, 25),
    "RS": (44, 21), "RU": (60, 100), "SA": (25, 45), "SE": (62, 15), "SG": (1.5, 104),
    "SI": (46, 15), "SK": (48.5, 19.5), "SM": (44, 12.5), "SN": (14, -14), "SV": (14, -89),
    "TH": (15, 100), "TN": (34, 9), "TR": (39, 35), "TW": (23.5, 121), "TZ": (-6, 35),
    "UA": (49, 32), "UG": (1, 32), "US": (38, -97), "UY": (-33, -56), "UZ": (41, 64),
    "VE": (8, -66), "VN": (16, 106), "ZA": (-29, 24), "ZM": (-15, 30), "ZW": (-20, 30),
}  # fmt: skip


def distance_km(latitude: float, longitude: float, country: str) -> int | None:
    """Great-circle distance from a point to a country's centroid (haversine), or None."""
    centre = CENTROIDS.get(country)
    if centre is None:
        return None
    north, east = radians(centre[0]), radians(centre[1])
    south, west = radians(latitude), radians(longitude)
    half = sin((north - south) / 2) ** 2 + cos(south) * cos(north) * sin((east - west) / 2) ** 2
    return round(2 * EARTH_RADIUS_KM * asin(sqrt(half)))


def transit_days(km: int | None) -> int:
    """Days on the road for a distance; an unknown country counts as overseas."""
    for limit, days in ((300, 1), (800, 2), (2000, 3), (4000, 5)):
        if km is not None and km <= limit:
            return days
    return 8
