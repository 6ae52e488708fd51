/** `denied`: the user or the system said no; `none`: there is no camera; `failed`: it broke. */
export class CameraRefused extends Error {
  constructor(readonly code: "denied" | "none" | "failed") {
    super(code);
    this.name = "CameraRefused";
  }
}

export interface Camera {
  show(video: HTMLVideoElement): Promise<void>;
  /** The picture that is in sight now, as JPEG at the camera's own resolution. */
  shoot(video: HTMLVideoElement): Promise<Blob>;
  stop(): void;
}

const QUALITY = 0.92;

/** Opens the camera that looks away from the user, or towards him. Throws `CameraRefused`. */
export async function openCamera(facing: "environment" | "user"): Promise<Camera> {
  const devices = navigator.mediaDevices as MediaDevices | undefined;
  if (devices === undefined) throw new CameraRefused("none");
  const stream = await devices
    .getUserMedia({
      audio: false,
      video: { facingMode: facing, width: { ideal: 4032 }, height: { ideal: 3024 } },
    })
    .catch((error: unknown) => {
      throw new CameraRefused(codeOf(error));
    });
  return {
    async show(video) {
      video.srcObject = stream;
      await video.play();
    },
    shoot: (video) => frameOf(video),
    stop() {
      for (const track of stream.getTracks()) track.stop();
    },
  };
}

function codeOf(error: unknown): CameraRefused["code"] {
  const name = (error as { name?: string } | null)?.name;
  if (name === "NotAllowedError" || name === "SecurityError") return "denied";
  return name === "NotFoundError" || name === "OverconstrainedError" ? "none" : "failed";
}

async function frameOf(video: HTMLVideoElement): Promise<Blob> {
  const canvas = document.createElement("canvas");
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  const paper = canvas.getContext("2d");
  if (paper === null || canvas.width === 0) throw new CameraRefused("failed");
  paper.drawImage(video, 0, 0);
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
  if (blob === null) throw new CameraRefused("failed");
  return blob;
}
