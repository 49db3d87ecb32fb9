/** A worker that encodes frames as JPEG, so that the page never waits for it. */

const canvas = new OffscreenCanvas(1, 1);
const context = canvas.getContext("2d", { alpha: false });

self.onmessage = async (event) => {
  const { id, bitmap, quality } = event.data;
  try {
    if (canvas.width !== bitmap.width) canvas.width = bitmap.width;
    if (canvas.height !== bitmap.height) canvas.height = bitmap.height;
    context?.drawImage(bitmap, 0, 0);
    const blob = await canvas.convertToBlob({ type: "image/jpeg", quality });
    const jpeg = await blob.arrayBuffer();
    self.postMessage({ id, bitmap, jpeg }, { transfer: [bitmap, jpeg] });
  } catch (error) {
    bitmap.close();
    self.postMessage({ id, problem: String(error) });
  }
};
