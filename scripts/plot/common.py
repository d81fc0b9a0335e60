# SPDX-License-Identifier: Apache-2.0
"""What the plot scripts share: errors of one line, the look of a figure, files without a date."""
import io
import os
import pathlib
import sys

try:
    import matplotlib
except ImportError as error:
    print(f"{pathlib.Path(sys.argv[0]).name}: needs matplotlib, which {sys.executable} cannot import "
          f"({error}): run scripts/install_packages.sh tests once, then /usr/bin/python3 "
          f"{sys.argv[0]} ..., or give {sys.executable} a matplotlib", file=sys.stderr)
    sys.exit(2)
matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402  (the backend comes first)
from matplotlib import ticker  # noqa: E402, F401  (used by those that import this)

COLUMN_INCHES = 3.4  # one column of a two-column page
WIDE_INCHES = 7.0
# Okabe and Ito's colours, told apart by colour-blind readers, without the yellow, which white
# swallows.
COLOURS = ["#000000", "#E69F00", "#56B4E9", "#009E73", "#D55E00", "#0072B2", "#CC79A7", "#7F7F7F"]
MARKERS = ["s", "o", "^", "v", "D", "P", "X", "*"]

plt.rcParams.update({
    "font.size": 7,
    "axes.labelsize": 7,
    "axes.titlesize": 7,
    "legend.fontsize": 6,
    "xtick.labelsize": 6,
    "ytick.labelsize": 6,
    "lines.linewidth": 0.8,
    "lines.markersize": 3.2,
    "axes.linewidth": 0.6,
    "hatch.linewidth": 0.4,
    "pdf.fonttype": 42,  # TrueType: letters stay letters
    "figure.constrained_layout.use": True,
})


class InputError(Exception):
    """The user's file is at fault; the text is one line."""


def prefix_of(text):
    """The start of the names of figures, as a type of argparse."""
    if os.path.basename(text) in ("", ".", ".."):
        raise InputError(f"prefix: found '{text}'; allowed: the start of the names of files, as "
                         "figures/front")
    return text


def save(figure, prefix):
    """Writes PREFIX.pdf and PREFIX.png, both or none; the same figure gives the same bytes."""
    kinds = {"pdf": {"metadata": {"CreationDate": None, "Producer": None}},
             "png": {"metadata": {"Software": None}, "dpi": 300}}
    drawn = {kind: io.BytesIO() for kind in kinds}
    for kind, settings in kinds.items():
        figure.savefig(drawn[kind], format=kind, **settings)
    plt.close(figure)
    written = {kind: pathlib.Path(f"{prefix}.{kind}.tmp") for kind in kinds}
    try:
        pathlib.Path(prefix).parent.mkdir(parents=True, exist_ok=True)
        for kind, path in written.items():
            path.write_bytes(drawn[kind].getbuffer())
        for kind, path in written.items():
            path.replace(f"{prefix}.{kind}")
    except OSError as error:
        raise InputError(f"{prefix}: cannot be written: {error.strerror or error}") from None
    finally:
        for path in filter(os.path.exists, written.values()):
            path.unlink()


def legend_below(figure, handles, labels, title=None):
    """A legend under all panels, in as few lines as the figure's width allows: it covers nothing."""
    width, height = figure.get_size_inches() * figure.dpi
    count = len(labels)
    # Of as many lines the narrowest.
    for columns in sorted({-(-count // lines) for lines in range(1, count + 1)}, reverse=True):
        legend = figure.legend(handles, labels, title=title, loc="lower center", ncol=columns,
                               frameon=False, columnspacing=1.2, handletextpad=0.5,
                               borderaxespad=0.2, title_fontsize=6)
        box = legend.get_window_extent(figure.canvas.get_renderer())
        if box.width <= 0.98 * width or columns == 1:
            break
        legend.remove()
    legend.set_in_layout(False)
    share = (box.height + 4) / height
    figure.get_layout_engine().set(rect=(0, share, 1, 1 - share))
    return legend


def run(main):
    """Runs a script: status 2 and one line for the user's mistakes."""
    try:
        main()
    except InputError as error:
        print(f"{pathlib.Path(sys.argv[0]).name}: {error}", file=sys.stderr)
        sys.exit(2)


def read_text(path):
    try:
        return pathlib.Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise InputError(f"{path}: is not text") from None
