// The networks that are timed: an example file with the settings that its paper used.
export const networks = [
  { name: "lenet5", file: "examples/lenet5/lenet5.cnn" },
  { name: "squeezenet1_1", file: "examples/squeezenet1_1/squeezenet1_1.cnn" },
  { name: "mobilenet_v1", file: "examples/mobilenet_v1/mobilenet_v1.cnn" },
  { name: "mobilenet_v2", file: "examples/mobilenet_v2/mobilenet_v2.cnn" },
  { name: "mobilenet_v3_small", file: "examples/mobilenet_v3_small/mobilenet_v3_small.cnn" },
  { name: "shufflenet_v2_x1_0", file: "examples/shufflenet_v2_x1_0/shufflenet_v2_x1_0.cnn" },
  { name: "efficientnet_b0", file: "examples/efficientnet_b0/efficientnet_b0.cnn" },
  { name: "googlenet", file: "examples/googlenet/googlenet.cnn" },
  { name: "densenet121", file: "examples/densenet121/densenet121.cnn" },
  { name: "resnet18", file: "examples/resnet18/resnet18.cnn" },
  { name: "resnet50", file: "examples/resnet50/resnet50.cnn" },
  { name: "unet", file: "examples/unet/unet.cnn", set: { size: 64, width: 0.25 } },
];
