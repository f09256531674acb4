import { testArchitecture } from "../../test/support/architecture.js";

testArchitecture("mobilenet_v1", { size: 64, width: 0.25, classes: 10 });
