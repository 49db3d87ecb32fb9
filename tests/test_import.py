import subprocess
import sys

HEAVY = ["jupyter_server", "torch", "matplotlib", "cv2", "onnxruntime", "pandas", "av", "tesserocr"]


def modules_after(statement):
    code = f"{statement}; import sys; print(' '.join(sys.modules))"
    return set(subprocess.check_output([sys.executable, "-c", code], text=True).split())


def test_importing_streamlab_loads_nothing_heavy():
    assert not modules_after("import streamlab") & set(HEAVY)


def test_importing_the_lab_loads_neither_pandas_nor_a_chart():
    assert not modules_after("import streamlab.lab") & set(HEAVY)


def test_the_lab_of_the_package_is_the_lab():
    loaded = modules_after("import streamlab; streamlab.lab.sweep; streamlab.connect")
    assert "streamlab.replay.sweep" in loaded


def test_the_server_itself_loads_no_model_library():
    loaded = modules_after("from streamlab.server.service import StreamService; StreamService()")
    assert not loaded & set(HEAVY)
    assert "numpy" not in loaded
