import { testArchitecture } from "../../test/support/architecture.js";

testArchitecture("resnet18", { size: 64, width: 0.25, classes: 10 });
