/** Host memory for one tensor per bank place: samples of one shape and type, copied in and out by row. */
import type { HostTensor } from "@distillery/shared/graph/node";
import { type DType, sizeOf, type TensorData } from "@distillery/shared/onnx/graph";

function allocate(dtype: DType, size: number): TensorData {
  switch (dtype) {
    case "float32":
      return new Float32Array(size);
    case "int64":
      return new BigInt64Array(size);
    case "int32":
      return new Int32Array(size);
    case "float16":
      return new Uint16Array(size);
    case "bool":
    case "uint8":
      return new Uint8Array(size);
  }
}

const bytesOf = (data: TensorData): Uint8Array => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

export class StoredRows {
  private readonly data: TensorData;
  private readonly rowBytes: number;

  constructor(
    private readonly dtype: DType,
    private readonly sampleShape: readonly number[],
    private readonly places: number,
  ) {
    this.data = allocate(dtype, places * sizeOf(sampleShape));
    this.rowBytes = this.data.BYTES_PER_ELEMENT * sizeOf(sampleShape);
  }

  /** A batch of the samples at `places`; rows with a negative place are zero. */
  read(places: readonly number[]): HostTensor {
    const batch = allocate(this.dtype, places.length * sizeOf(this.sampleShape));
    const [from, to] = [bytesOf(this.data), bytesOf(batch)];
    places.forEach((place, row) => {
      if (place >= 0) to.set(from.subarray(place * this.rowBytes, (place + 1) * this.rowBytes), row * this.rowBytes);
    });
    return { dtype: this.dtype, shape: [places.length, ...this.sampleShape], data: batch };
  }

  write(place: number, batch: HostTensor, row: number): void {
    const from = bytesOf(batch.data).subarray(row * this.rowBytes, (row + 1) * this.rowBytes);
    bytesOf(this.data).set(from, place * this.rowBytes);
  }

  save(): HostTensor {
    return { dtype: this.dtype, shape: [this.places, ...this.sampleShape], data: this.data.slice() };
  }

  load(saved: HostTensor): void {
    bytesOf(this.data).set(bytesOf(saved.data));
  }
}
