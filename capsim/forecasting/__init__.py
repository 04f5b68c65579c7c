"""What comes: demand with the uncertainty of its growth, the servers that it takes, and what they cost."""

from capsim.forecasting.forecast import Forecast, forecast
from capsim.forecasting.growth import Growth, from_history, given_growth

__all__ = ["Forecast", "Growth", "forecast", "from_history", "given_growth"]
