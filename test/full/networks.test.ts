import { testArchitecture } from "../support/architecture.js";

testArchitecture("mobilenet_v2", {});
testArchitecture("resnet18", {});
