import { testArchitecture } from "../../test/support/architecture.js";

testArchitecture("lenet5", { width: 0.5 });
