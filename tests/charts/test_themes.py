"""Charts on light and dark pages."""

import matplotlib
import matplotlib.pyplot as plt
import pytest
from matplotlib.colors import to_rgb, to_rgba
from matplotlib.figure import Figure
from matplotlib.text import Text
from recordings import calm_recording

from streamlab.charts import latency_over_time

matplotlib.use("Agg")


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


def contrast(colour, background):
    """Return the contrast of two colours, 1 to 21, as WCAG 2 has it."""

    def luminance(name):
        parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(name)]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    light, dark = sorted((luminance(colour), luminance(background)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


THEMES = ("#FFFFFF", "#111111")


@pytest.mark.parametrize("theme", THEMES)
def test_every_text_of_a_figure_can_be_read_on_a_light_and_a_dark_page(theme):
    recording = calm_recording(service_ms=[20.0] * 90, frames=90).trace().replay(fps=90, sessions=2)
    for figure in (recording.dashboard(), recording.plot_latency(session=0).figure):
        # transparent, on screen and as a file
        figure.canvas.draw()
        assert to_rgba(figure.get_facecolor())[3] == 0
        assert all(to_rgba(ax.get_facecolor())[3] == 0 for ax in figure.axes)
        texts = [text for text in figure.findobj(Text) if text.get_text().strip()]
        assert len(texts) > 20
        for text in texts:
            assert contrast(text.get_color(), theme) > 3.9, text


def test_jupyter_puts_no_box_behind_a_figure():
    from matplotlib_inline.backend_inline import _fetch_figure_metadata

    figure = calm_recording(frames=90).dashboard()
    figure.canvas.draw()
    assert _fetch_figure_metadata(figure) is None


def test_a_users_own_axes_keep_their_colours():
    with matplotlib.style.context("dark_background"):
        ax = Figure().subplots()
        latency_over_time(calm_recording(frames=30), ax=ax)
    assert to_rgb(ax.xaxis.label.get_color()) == (1, 1, 1)
    assert to_rgba(ax.get_facecolor())[3] == 1
