from capsim.ui.router import main

main()
