import { testArchitecture } from "../../test/support/architecture.js";

testArchitecture("vgg16", { size: 32, width: 0.125, classes: 10 });
