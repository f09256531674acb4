// The networks that are timed: a file with the settings of its paper, or one layer.
const example = (name) => `examples/${name}/${name}.cnn`;
const layer = "bench/networks/layer.cnn";

/** `group`: `main` runs unless told otherwise, `more` with --all. `quick`: the numbers of threads with --quick. */
export const networks = [
  { name: "resnet18", title: "ResNet-18 224", group: "main" },
  { name: "mobilenet_v2", title: "MobileNetV2 224", group: "main", quick: [1, 2] },
  { name: "squeezenet1_1", title: "SqueezeNet 1.1 224", group: "main" },
  {
    name: "vgg_cifar",
    title: "VGG-like CIFAR 32",
    group: "main",
    file: "bench/networks/vgg_cifar.cnn",
  },
  { name: "lenet5", title: "LeNet-5 28", group: "main", quick: [1] },
  {
    name: "conv3x3_64_56",
    title: "3×3 64→64 @56",
    group: "main",
    quick: [1],
    file: layer,
    typescript: true,
  },
  {
    name: "depthwise3x3_128_56",
    title: "depth-wise 3×3 128 @56",
    group: "main",
    file: layer,
    set: { inputs: 128, outputs: 128, groups: 128 },
  },
  {
    name: "conv1x1_256_14",
    title: "1×1 256→256 @14",
    group: "more",
    file: layer,
    set: { inputs: 256, outputs: 256, kernel: 1, size: 14 },
  },
  {
    name: "conv1x1_64_128_56",
    title: "1×1 64→128 @56",
    group: "more",
    file: layer,
    set: { outputs: 128, kernel: 1 },
  },
  {
    name: "conv7x7_s2_3_64_224",
    title: "7×7 s2 3→64 @224",
    group: "more",
    file: layer,
    set: { inputs: 3, kernel: 7, stride: 2, size: 224 },
  },
  {
    name: "conv5x5_32_56",
    title: "5×5 32→32 @56",
    group: "more",
    file: layer,
    set: { inputs: 32, outputs: 32, kernel: 5 },
  },
  { name: "mobilenet_v1", title: "MobileNet 224", group: "more" },
  { name: "mobilenet_v3_small", title: "MobileNetV3 small 224", group: "more" },
  { name: "shufflenet_v2_x1_0", title: "ShuffleNetV2 224", group: "more" },
  { name: "efficientnet_b0", title: "EfficientNet-B0 224", group: "more" },
  { name: "googlenet", title: "GoogLeNet 224", group: "more" },
  { name: "densenet121", title: "DenseNet-121 224", group: "more" },
  { name: "resnet50", title: "ResNet-50 224", group: "more" },
  {
    name: "unet",
    title: "U-Net 64, a quarter wide",
    group: "more",
    set: { size: 64, width: 0.25 },
  },
].map((network) => ({ file: example(network.name), set: {}, ...network }));

/** Layers whose kernel is timed alone: computed as it is written, and as the compiler chooses where that differs. */
export const kernels = [
  { name: "conv3x3_64_56", winograd: "off" },
  { name: "conv1x1_256_14" },
  { name: "conv1x1_64_128_56" },
  { name: "conv7x7_s2_3_64_224" },
  { name: "conv5x5_32_56", winograd: "off" },
  { name: "depthwise3x3_128_56" },
  { name: "conv3x3_64_56" },
].map((kernel) => ({ ...networks.find(({ name }) => name === kernel.name), ...kernel }));
