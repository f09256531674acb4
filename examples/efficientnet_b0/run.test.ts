import { testArchitecture } from "../../test/support/architecture.js";

testArchitecture("efficientnet_b0", { size: 64, width: 0.35, classes: 10 });
