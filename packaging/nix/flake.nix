{
  description = "Single sign-on to the EKS roles you are permitted, and tokens for kubectl";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs = { self, nixpkgs }:
    let
      systems = [ "x86_64-linux" "aarch64-linux" "x86_64-darwin" "aarch64-darwin" ];
      each = nixpkgs.lib.genAttrs systems;
      manifest = (nixpkgs.lib.importTOML ../../Cargo.toml).workspace.package;
    in
    {
      packages = each (system:
        let pkgs = nixpkgs.legacyPackages.${system}; in
        {
          default = pkgs.rustPlatform.buildRustPackage {
            pname = "eksso";
            version = manifest.version;
            src = ../..;
            cargoLock.lockFile = ../../Cargo.lock;
            env.EKSSO_BUILD_COMMIT = self.rev or "unknown";
            # They need a network of their own and programs that this build does not bring: the repository's gate runs them.
            doCheck = false;
            nativeBuildInputs = [ pkgs.installShellFiles ];
            postInstall = ''
              installManPage packaging/man/*.1
              installShellCompletion --bash --name eksso completions/eksso.bash
              installShellCompletion --zsh completions/_eksso --fish completions/eksso.fish
            '';
            meta = {
              description = "Single sign-on to the EKS roles you are permitted, and tokens for kubectl";
              license = with pkgs.lib.licenses; [ mit asl20 ];
              mainProgram = "eksso";
            };
          };
        });
    };
}
